package datatype

func urlTypes() []Type {
	return []Type{
		{"url", "2.4.1", anything},
		{"url-nonempty", "2.4.1", anything},
		{"url-or-empty", "2.4.1", anything},
		{"url-http", "2.4.1", anything},
		{"url-list", "2.4.1", anything},
		{"urls-space", "4.6.2", anything},
		{"absolute-url", "URL 4.3", anything},
		{"microdata-type", "5.2.2", anything},
	}
}
