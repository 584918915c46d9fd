package datatype

func languageTypes() []Type {
	return []Type{
		{"language", "3.2.6.2", anything},
		{"language-or-empty", "3.2.6.2", anything},
	}
}
