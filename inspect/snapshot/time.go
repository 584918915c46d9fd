package snapshot

import (
	"encoding/binary"
	"reflect"
	"time"

	"github.com/go-delve/delve/pkg/proc"
)

// The form of a time.Time in memory: package time, time.go.
const (
	hasMonotonic = 1 << 63
	nsecBits     = 30
	// Seconds from the beginning of the year 1 to those of 1885 and 1970, in days.
	wallToInternal = (1884*365 + 1884/4 - 1884/100 + 1884/400) * 86400
	unixToInternal = (1969*365 + 1969/4 - 1969/100 + 1969/400) * 86400
	maxZoneName    = 64
)

func isTime(v *proc.Variable) bool {
	return v.Kind == reflect.Struct && typeName(v) == "time.Time"
}

// timeText reads a time.Time from memory, so that it does not matter how deep the
// variable was loaded.
func (c *converter) timeText(v *proc.Variable) string {
	mem := c.snapshot.target.Memory()
	var b [24]byte
	if _, err := mem.ReadMemory(b[:], v.Addr); err != nil {
		return "time.Time{…}"
	}
	wall, ext := binary.LittleEndian.Uint64(b[:]), int64(binary.LittleEndian.Uint64(b[8:]))
	sec := ext
	if wall&hasMonotonic != 0 {
		sec = wallToInternal + int64(wall<<1>>(nsecBits+1))
	}
	t := time.Unix(sec-unixToInternal, int64(wall&(1<<nsecBits-1)))
	return t.In(zone(mem, binary.LittleEndian.Uint64(b[16:]))).Format(time.RFC3339Nano)
}

// zone reads the name of a time.Location, its first field. One that this machine
// does not know is shown as UTC.
func zone(mem proc.MemoryReadWriter, addr uint64) *time.Location {
	var b [16]byte
	if addr == 0 {
		return time.UTC
	}
	if _, err := mem.ReadMemory(b[:], addr); err != nil {
		return time.UTC
	}
	n := binary.LittleEndian.Uint64(b[8:])
	if n == 0 || n > maxZoneName {
		return time.Local // the name is set when the zone is first used
	}
	name := make([]byte, n)
	if _, err := mem.ReadMemory(name, binary.LittleEndian.Uint64(b[:])); err != nil {
		return time.UTC
	}
	loc, err := time.LoadLocation(string(name))
	if err != nil {
		return time.UTC
	}
	return loc
}
