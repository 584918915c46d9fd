package panel

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pastedev/pastedev/inspect"
)

// maxIDs is how many exchanges one request may name. The script asks for 50 at a
// time; the rest is room.
const maxIDs = 100

// row is what a page may know of one of its exchanges.
type row struct {
	ID       inspect.ID     `json:"id"`
	Method   string         `json:"method"`
	Path     string         `json:"path"`
	Status   int            `json:"status"`
	Duration inspect.Millis `json:"duration_ms"`
	Size     int64          `json:"response_size"`
	InFlight bool           `json:"in_flight,omitempty"`
	Error    string         `json:"error,omitempty"`
	Sums     inspect.Sums   `json:"sums,omitzero"`
}

// serveExchanges answers ?ids=a,b,... with the rows of those that are known. An id
// is 128 random bits that only the page it was sent to has seen, and is the
// permission to read its row.
func (h *Handler) serveExchanges(w http.ResponseWriter, r *http.Request) {
	ids := strings.Split(r.URL.Query().Get("ids"), ",")
	if len(ids) > maxIDs {
		http.Error(w, "pastedev: too many ids in one request, ask for at most 100", http.StatusBadRequest)
		return
	}
	rows := []row{}
	for _, s := range ids {
		s, err := h.lookup(r.Context(), inspect.ID(s))
		if err != nil {
			continue // not stored yet, or no longer
		}
		rows = append(rows, row{s.ID, plainText(s.Method), plainText(s.Path), s.Status, s.Duration, s.ResponseSize, s.InFlight, plainText(s.Error), s.Sums})
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"items": rows}) // an error is the client's leaving
}
