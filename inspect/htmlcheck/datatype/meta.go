package datatype

func metaTypes() []Type {
	return []Type{
		{"meta-charset", "4.2.5.4", anything},
		{"keywords", "4.2.5.1", anything},
		{"email", "4.10.5.1.5", anything},
		{"email-list", "4.10.5.1.5", anything},
		{"xmlns", "2.1.3", anything},
	}
}
