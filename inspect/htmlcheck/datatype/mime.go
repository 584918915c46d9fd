package datatype

func mimeTypes() []Type {
	return []Type{
		{"mime-type", "2.4.6", anything},
		{"mime-list", "4.10.5.1.17", anything},
		{"charset", "2.4.4", anything},
		{"content-type-meta", "4.2.5.4", anything},
	}
}
