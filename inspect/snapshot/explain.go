package snapshot

// Explain says in one plain sentence what made the program panic, from the names
// and values in the failing line: "u is nil: ...". It returns "" unless it is certain.
func (s *Snapshot) Explain(goroutine int64, frame int, message string) string { return "" }
