package datatype

func svgTypes() []Type {
	return []Type{
	}
}
