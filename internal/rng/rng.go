// Package rng makes independent random streams from one seed. A stream is named
// by where it is used, so that it does not matter which other streams exist, or
// in which order they are used.
package rng

import "math/rand/v2"

// Stream returns the random stream of a seed and a path of labels, such as the
// number of segments and of the restart. Streams of different paths are
// independent for all practical purposes.
func Stream(seed uint64, path ...uint64) *rand.Rand {
	a, b := mix(seed), mix(seed+0x9e3779b97f4a7c15)
	for _, label := range path {
		a = mix(a ^ mix(label+0x9e3779b97f4a7c15))
		b = mix(b + mix(label^0xd1b54a32d192ed03))
	}
	return rand.New(rand.NewPCG(a, b))
}

// mix is the finaliser of SplitMix64: Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", OOPSLA 2014.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
