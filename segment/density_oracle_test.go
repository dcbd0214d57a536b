package segment

import (
	"slices"

	"github.com/cohortlens/cohortlens/internal/kernel"
)

// plainDBSCAN is the oracle: the definition of [density], written down. It
// returns the label of each row and which are core rows.
func plainDBSCAN(p points, epsilon float64, minSamples int) (labels []int32, isCore []bool) {
	near := func(a, b int) bool { return kernel.SquaredDistance(p.row(a), p.row(b)) <= epsilon*epsilon }
	labels, isCore = slices.Repeat([]int32{Noise}, p.n), make([]bool, p.n)
	for i := range p.n {
		count := 0
		for j := range p.n {
			if near(i, j) {
				count++
			}
		}
		isCore[i] = count >= minSamples
	}
	k := int32(0)
	for i := range p.n {
		if !isCore[i] || labels[i] != Noise {
			continue
		}
		labels[i] = k
		for queue := []int{i}; len(queue) > 0; queue = queue[1:] {
			for j := range p.n {
				if isCore[j] && labels[j] == Noise && near(queue[0], j) {
					labels[j] = k
					queue = append(queue, j)
				}
			}
		}
		k++
	}
	for i := range p.n {
		if row := nearestOf(p, i, epsilon, isCore); !isCore[i] && row >= 0 {
			labels[i] = labels[row]
		}
	}
	return labels, isCore
}

// nearestOf returns the core row nearest to row i within epsilon, the first of
// equals, or -1.
func nearestOf(p points, i int, epsilon float64, isCore []bool) int {
	best, at := epsilon*epsilon, -1
	for j := range p.n {
		s := kernel.SquaredDistance(p.row(i), p.row(j))
		if isCore[j] && (s < best || s == best && at < 0) {
			best, at = s, j
		}
	}
	return at
}

// byVisiting returns the labels with border rows as scikit-learn gives them
// away: to the part, among those of core rows within epsilon, whose first core
// row stands first in the given places.
func byVisiting(p points, epsilon float64, labels []int32, isCore []bool, place []int) []int32 {
	first := map[int32]int{}
	for i, label := range labels {
		if at, seen := first[label]; isCore[i] && (!seen || place[i] < at) {
			first[label] = place[i]
		}
	}
	out := slices.Clone(labels)
	for i := range p.n {
		for j := range p.n {
			if !isCore[i] && isCore[j] && first[labels[j]] < first[out[i]] && kernel.SquaredDistance(p.row(i), p.row(j)) <= epsilon*epsilon {
				out[i] = labels[j]
			}
		}
	}
	return out
}

// renamed numbers labels by first appearance, so that partitions compare equal
// whatever the names of their parts.
func renamed(labels []int32) []int32 {
	names := map[int32]int32{Noise: Noise}
	out := make([]int32, len(labels))
	for i, label := range labels {
		if _, seen := names[label]; !seen {
			names[label] = int32(len(names) - 1)
		}
		out[i] = names[label]
	}
	return out
}
