// Package tree holds regression trees as arrays of nodes: what predict grows and
// explain takes apart.
package tree
