package datatype

func keywordTypes() []Type {
	return []Type{
		{"referrer-policy", "Referrer Policy 3", anything},
		{"crossorigin", "2.4.6", anything},
		{"fetchpriority", "2.4.8", anything},
		{"loading", "2.4.7", anything},
		{"enterkeyhint", "6.8.9", anything},
		{"inputmode", "6.8.8", anything},
		{"autocomplete-on-off", "4.10.3", anything},
		{"decoding", "4.8.3", anything},
		{"blocking", "2.4.9", anything},
		{"preload-as", "4.2.4", anything},
		{"method", "4.10.19.6", anything},
		{"enctype", "4.10.19.6", anything},
		{"dir", "3.2.6.4", anything},
		{"shape", "4.8.14", anything},
		{"scope", "4.9.11", anything},
		{"kind", "4.8.11", anything},
		{"preload", "4.8.11", anything},
		{"wrap", "4.10.11", anything},
	}
}
