package finding

// maxNearest is how long a name may be to be compared with others: a longer one is no typo.
const maxNearest = 32

// Nearest returns the one of names that is most like s, as if s were a slip of the keyboard, or
// "" when none is near.
func Nearest(s string, names []string) string {
	if len(s) < 3 || len(s) > maxNearest {
		return ""
	}
	limit := 1
	if len(s) > 5 {
		limit = 2
	}
	best := ""
	for _, name := range names {
		if d := distance(s, name, limit); d <= limit {
			best, limit = name, d-1
		}
	}
	return best
}

// distance is the Levenshtein distance of two names with swaps of neighbours, or more than
// limit.
func distance(a, b string, limit int) int {
	if len(b) > maxNearest || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var before, last, row [maxNearest + 1]int
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
