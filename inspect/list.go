package inspect

// ListRequest asks for a window of the history, newest first.
type ListRequest struct {
	Query  string // in the query language; "" matches all
	Before int64  // only exchanges with a smaller Seq; 0 for no bound
	After  int64  // only exchanges with a greater Seq; 0 for no bound
	Limit  int    // at most this many; 0 means 100
	// Oldest returns the matches nearest to After (the lower end of the range)
	// instead of the newest. The items are newest first all the same.
	Oldest bool
	// Roots leaves out the sub-requests, but for those of the exchanges in Open: what a list
	// shows that folds them. It means something only while Query is empty; a filter finds
	// sub-requests as it finds all else.
	Roots bool
	Open  []ID
}

// List is the answer to a [ListRequest].
type List struct {
	Items []Summary `json:"items"` // newest first
	Total int       `json:"total"` // exchanges in the history
	Match int       `json:"match"` // of them matching Query, whatever the bounds, with Roots without any sub-request; -1 when not counted
	More  bool      `json:"more"`  // the range holds more matches than Limit
}
