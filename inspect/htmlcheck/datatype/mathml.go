package datatype

func mathmlTypes() []Type {
	return []Type{
	}
}
