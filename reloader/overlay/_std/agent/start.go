package agent

// Nothing above package os has run yet when this package is initialised: it needs
// less than os does, and its import path comes before "os" among what is ready.
func init() { Start() }
