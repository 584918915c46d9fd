package datatype

func nameTypes() []Type {
	return []Type{
		{"id", "3.2.6", anything},
		{"idref", "2.6.8", anything},
		{"idrefs", "2.6.8", anything},
		{"hash-name", "2.3.8", anything},
		{"usemap", "2.3.8", anything},
		{"name", "4.10.19.1", anything},
		{"map-name", "4.8.13", anything},
		{"tokens", "2.3.7", anything},
		{"unique-tokens", "2.3.7", anything},
		{"custom-element-name", "4.13.3", anything},
		{"itemprop", "5.2.3", anything},
		{"access-keys", "6.6.2", anything},
		{"navigable-target", "7.3.1.7", anything},
		{"frame-name", "7.3.1.7", anything},
		{"part", "3.2.6", anything},
		{"slot", "3.2.6", anything},
		{"nmtoken", "XML 2.3", anything},
	}
}
