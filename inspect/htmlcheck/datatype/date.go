package datatype

func dateTypes() []Type {
	return []Type{
		{"date", "2.3.5.2", anything},
		{"month", "2.3.5.1", anything},
		{"week", "2.3.5.8", anything},
		{"time", "2.3.5.4", anything},
		{"datetime-local", "2.3.5.5", anything},
		{"datetime-global", "2.3.5.7", anything},
		{"date-or-time", "4.5.14", anything},
		{"date-or-datetime", "4.7.1.1", anything},
		{"duration", "2.3.5.9", anything},
		{"year", "4.5.14", anything},
		{"yearless-date", "2.3.5.3", anything},
		{"timezone", "2.3.5.6", anything},
	}
}
