package datatype

func numberTypes() []Type {
	return []Type{
		{"integer", "2.3.4.1", anything},
		{"integer>=0", "2.3.4.2", anything},
		{"integer>0", "2.3.4.2", anything},
		{"float", "2.3.4.3", anything},
		{"float>=0", "2.3.4.3", anything},
		{"float>0", "2.3.4.3", anything},
		{"dimension", "2.3.4.4", anything},
		{"percentage-dimension", "2.3.4.4", anything},
		{"colspan", "4.9.11", anything},
		{"rowspan", "4.9.11", anything},
		{"span", "4.9.3", anything},
		{"step", "4.10.5.3.8", anything},
		{"tabindex", "6.6.3", anything},
		{"multi-length", "16.2", anything},
	}
}
