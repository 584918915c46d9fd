package datatype

func mediaTypes() []Type {
	return []Type{
	}
}
