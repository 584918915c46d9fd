package control

import (
	"encoding/json"
	"fmt"

	"github.com/pastedev/pastedev/inspect"
)

// EncodeEvent returns the JSON of e, to be sent under the name e.EventKind().
func EncodeEvent(e inspect.Event) ([]byte, error) {
	b, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.EventKind(), err)
	}
	return b, nil
}

// DecodeEvent is the reverse of [EncodeEvent]. An event of a kind that this version
// does not know is nil without an error: a newer pastedev may send more.
func DecodeEvent(kind string, data []byte) (inspect.Event, error) {
	switch kind {
	case inspect.ExchangeStarted{}.EventKind():
		return decodeEvent[inspect.ExchangeStarted](kind, data)
	case inspect.ExchangeFinished{}.EventKind():
		e, err := decodeEvent[inspect.ExchangeFinished](kind, data)
		if f, ok := e.(inspect.ExchangeFinished); ok && f.Exchange == nil {
			return nil, fmt.Errorf("decode event %s: no exchange in it", kind)
		}
		return e, err
	case inspect.ExchangeUpdated{}.EventKind():
		e, err := decodeEvent[inspect.ExchangeUpdated](kind, data)
		if f, ok := e.(inspect.ExchangeUpdated); ok && f.Exchange == nil {
			return nil, fmt.Errorf("decode event %s: no exchange in it", kind)
		}
		return e, err
	case inspect.HTMLChecked{}.EventKind():
		return decodeEvent[inspect.HTMLChecked](kind, data)
	case inspect.TraceRecorded{}.EventKind():
		e, err := decodeEvent[inspect.TraceRecorded](kind, data)
		if f, ok := e.(inspect.TraceRecorded); ok && f.Trace == nil {
			return nil, fmt.Errorf("decode event %s: no trace in it", kind)
		}
		return e, err
	case inspect.ProfileRecorded{}.EventKind():
		return decodeEvent[inspect.ProfileRecorded](kind, data)
	case inspect.ProfileProgressed{}.EventKind():
		return decodeEvent[inspect.ProfileProgressed](kind, data)
	case inspect.OutputWritten{}.EventKind():
		return decodeEvent[inspect.OutputWritten](kind, data)
	case inspect.BuildChanged{}.EventKind():
		return decodeEvent[inspect.BuildChanged](kind, data)
	case inspect.StateChanged{}.EventKind():
		return decodeEvent[inspect.StateChanged](kind, data)
	case inspect.AssetsChanged{}.EventKind():
		return decodeEvent[inspect.AssetsChanged](kind, data)
	case inspect.HistoryCleared{}.EventKind():
		return inspect.HistoryCleared{}, nil
	}
	return nil, nil
}

func decodeEvent[E inspect.Event](kind string, data []byte) (inspect.Event, error) {
	var e E
	if err := json.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("decode event %s: %w", kind, err)
	}
	return e, nil
}
