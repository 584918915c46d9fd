package datatype

func textTypes() []Type {
	return []Type{
		{"text", "3.2.6", anything},
		{"nonempty", "3.2.6", anything},
		{"one-line", "2.3.1", anything},
		{"nonspace", "3.2.6", anything},
		{"boolean", "2.3.2", anything},
	}
}
