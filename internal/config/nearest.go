package config

import "strings"

// nearest returns the candidate that takes the fewest changes to become, and
// whether it is near enough to have been meant.
func nearest(name string, candidates []string) (best string, near bool) {
	least := -1
	for _, c := range candidates {
		d := distance(name, c)
		if strings.HasPrefix(c, name) || strings.HasPrefix(name, c) {
			d = (d + 1) / 2 // something left out at the end is likelier than another word
		}
		if least < 0 || d < least {
			best, least = c, d
		}
	}
	return best, least >= 0 && least <= max(1, max(len(name), len(best))/2)
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours between a and b (optimal string alignment).
func distance(a, b string) int {
	before, last := []int{}, make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
