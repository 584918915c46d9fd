package datatype

func linkTypes() []Type {
	return []Type{
		{"link-types-a", "4.6.7", anything},
		{"link-types-link", "4.6.7", anything},
		{"link-types-form", "4.6.7", anything},
	}
}
