package insights

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

const (
	// columnLevels is the number of levels that a column keeps by name,
	// segmentLevels that of a column within a segment, and keptSegments the
	// number of segments.
	columnLevels, segmentLevels, keptSegments = 256, 24, 12
	// otherGroups is the number of groups into which further levels are counted.
	otherGroups = 32
	// longestLevel is the number of bytes that a name may take in a file.
	longestLevel = 96
)

// levelCounts holds how often each level occurs. Beyond the limit it keeps the
// levels with the least hashes and counts the others in groups by hash: which
// these are depends on the set of levels alone, and not on order or merging.
type levelCounts struct {
	// names ascend; counts are positive.
	names  []string
	counts []int
	// other counts the further levels by group; it is nil without any.
	other []int
}

func (l *levelCounts) total() int { return sumOf(l.counts) + sumOf(l.other) }

func sumOf(counts []int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// levelCounter builds levelCounts.
type levelCounter struct {
	limit  int
	counts map[string]int
	other  []int
	// last is the kept level with the greatest hash, known when the limit is
	// reached.
	last string
}

func newLevelCounter(limit int) *levelCounter {
	return &levelCounter{limit: limit, counts: make(map[string]int)}
}

// add counts n occurrences of a level, n > 0, named as levelName does.
func (l *levelCounter) add(name string, n int) {
	if _, kept := l.counts[name]; kept {
		l.counts[name] += n
		return
	}
	if len(l.counts) < l.limit {
		l.counts[name] = n
		l.findLast()
		return
	}
	if compareHashes(name, l.last) > 0 {
		l.addOther(name, n)
		return
	}
	l.addOther(l.last, l.counts[l.last])
	delete(l.counts, l.last)
	l.counts[name] = n
	l.findLast()
}

func (l *levelCounter) findLast() {
	if len(l.counts) == l.limit {
		l.last = slices.MaxFunc(slices.Collect(maps.Keys(l.counts)), compareHashes)
	}
}

func (l *levelCounter) addOther(name string, n int) {
	if l.other == nil {
		l.other = make([]int, otherGroups)
	}
	l.other[groupOf(name)] += n
}

func (l *levelCounter) merge(o *levelCounts) {
	for i, name := range o.names {
		l.add(name, o.counts[i])
	}
	for group, n := range o.other {
		if l.other == nil {
			l.other = make([]int, otherGroups)
		}
		l.other[group] += n
	}
}

func (l *levelCounter) levels() levelCounts {
	out := levelCounts{names: slices.Sorted(maps.Keys(l.counts)), other: slices.Clone(l.other)}
	for _, name := range out.names {
		out.counts = append(out.counts, l.counts[name])
	}
	return out
}

func compareHashes(a, b string) int {
	if c := cmp.Compare(hashText(a), hashText(b)); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}

// hashText is FNV-1a with its bits mixed once more.
func hashText(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return mixBits(h)
}

// mixBits is a one-to-one mixture of 64 bits: the finaliser of MurmurHash3,
// Appleby 2011.
func mixBits(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// levelName returns the name by which a level is kept: its own, or its start and
// its hash when it is too long for a file, is not valid UTF-8, or could be taken
// for [OtherLevels].
func levelName(level string) string {
	if utf8.ValidString(level) && level != OtherLevels && sizeInFile(level) <= longestLevel {
		return level
	}
	const digits = 16
	start := ""
	for _, r := range level {
		next := start + string(r)
		if sizeInFile(next) > longestLevel-digits-len("…") {
			break
		}
		start = next
	}
	return start + "…" + strconv.FormatUint(hashText(level), 16)
}

// sizeInFile returns the number of bytes that a text takes in JSON.
func sizeInFile(s string) int {
	if len(s) > longestLevel {
		return len(s)
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		return longestLevel + 1
	}
	return len(quoted) - 2
}

// groupOf returns the group into which a level is counted that is not kept.
func groupOf(name string) int { return int(hashText(name) % otherGroups) }

// omits returns a function that reports whether a level may be among those that
// are not kept by name.
func (l *levelCounts) omits() func(name string) bool {
	if l.other == nil {
		return func(string) bool { return false }
	}
	last := slices.MaxFunc(l.names, compareHashes)
	return func(name string) bool { return compareHashes(name, last) > 0 }
}
