package inspect

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// Millis is a duration that JSON shows as a number of milliseconds with up to
// three decimals. Fields of this type carry the suffix _ms in their JSON name.
type Millis time.Duration

// Duration returns m as a [time.Duration].
func (m Millis) Duration() time.Duration { return time.Duration(m) }

// MarshalJSON writes m in milliseconds.
func (m Millis) MarshalJSON() ([]byte, error) {
	us := math.Round(float64(m) / float64(time.Microsecond))
	return strconv.AppendFloat(nil, us/1000, 'f', -1, 64), nil
}

// UnmarshalJSON reads a number of milliseconds.
func (m *Millis) UnmarshalJSON(b []byte) error {
	ms, err := strconv.ParseFloat(string(b), 64) // a record has dozens, and this is quick
	if err != nil {
		ms = 0
		if err := json.Unmarshal(b, &ms); err != nil { // null, or what is no number
			return err
		}
	}
	*m = Millis(ms * float64(time.Millisecond))
	return nil
}
