package datasource

import "strings"

// Nearest returns the candidate that a person most likely meant by word: the
// one at the smallest edit distance, upper and lower case alike, if that
// distance is at most a third of the word's length, or 1 for words of two letters
// and more. Words that extend one another ("Income", "Annual Income ($)") count as near as well. The first of
// equals wins.
func Nearest(word string, candidates []string) (string, bool) {
	w := []rune(strings.ToLower(strings.TrimSpace(word)))
	if len(w) == 0 || len(w) > 200 {
		return "", false
	}
	best, bestDistance := "", max(min(len(w)-1, 1), len(w)/3)+1
	for _, c := range candidates {
		if d := editDistance(w, []rune(strings.ToLower(c))); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if best != "" {
		return best, true
	}
	for _, c := range candidates {
		l := strings.ToLower(c)
		if len(w) >= 3 && strings.Contains(l, string(w)) || len(l) >= 3 && strings.Contains(string(w), l) {
			return c, true
		}
	}
	return "", false
}

// editDistance counts the insertions, deletions, substitutions and swaps of
// neighbours that turn a into b (optimal string alignment).
func editDistance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
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
		before, last, row = last, row, before
	}
	return last[len(b)]
}
