// Command readcsv loads a customer file as a program that uses the library does,
// and tells how long that took and what it read.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"runtime"
	"time"

	"github.com/cohortlens/cohortlens/datasource"
)

// answer is what the harness compares with the answer of pandas.
type answer struct {
	Seconds float64 `json:"seconds"`
	Rows    int     `json:"rows"`
	// ColumnsBytes is what the table keeps alive.
	ColumnsBytes uint64 `json:"columns_bytes"`
	// Sums, Levels and IDs say what the columns hold.
	Sums   map[string]float64        `json:"sums"`
	Levels map[string]map[string]int `json:"levels"`
	IDs    uint32                    `json:"ids"`
}

func main() {
	if err := run(os.Args[1], os.Getenv("COHORTLENS_BENCH_ANSWER")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path, to string) error {
	before := live()
	start := time.Now()
	t, err := datasource.Load(context.Background(), datasource.NewCSVFile(path, datasource.CSVConfig{Schema: datasource.CustomerSchema()}))
	if err != nil {
		return err
	}
	a := answer{Seconds: time.Since(start).Seconds(), Rows: t.Rows(), Sums: map[string]float64{}, Levels: map[string]map[string]int{}}
	a.ColumnsBytes = live() - before
	for _, c := range t.Columns() {
		a.describe(c)
	}
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

// live returns the size of the heap that is in use.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (a *answer) describe(c datasource.Column) {
	switch c.Kind() {
	case datasource.Numeric:
		for _, v := range c.Floats() {
			a.Sums[c.Name()] += v
		}
	case datasource.Categorical:
		counts := map[string]int{}
		for _, code := range c.Codes() {
			counts[c.Levels()[code]]++
		}
		a.Levels[c.Name()] = counts
	case datasource.Text:
		a.IDs = checksum(c)
	}
}

// checksum is that of the cells, a line each.
func checksum(c datasource.Column) uint32 {
	sum := crc32.NewIEEE()
	for row := range c.Len() {
		if row > 0 {
			sum.Write([]byte{'\n'})
		}
		sum.Write([]byte(c.Cell(row)))
	}
	return sum.Sum32()
}
