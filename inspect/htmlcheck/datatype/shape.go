package datatype

func shapeTypes() []Type {
	return []Type{
		{"coords", "4.8.14", anything},
		{"circle-coords", "4.8.14", anything},
		{"rect-coords", "4.8.14", anything},
		{"poly-coords", "4.8.14", anything},
	}
}
