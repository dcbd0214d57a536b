// Package sample holds a made-up customer table for trying things out. Its 1,200
// rows have the columns of datasource.CustomerSchema, five planted groups, a
// spending score that mostly follows from income, age, family and profession,
// and a little dirt: minors, missing and zero incomes, missing professions,
// repeated rows and repeated IDs. Nobody in it is real.
package sample

import (
	_ "embed"

	"github.com/cohortlens/cohortlens/datasource"
)

//go:generate go run ./generate

//go:embed customers.csv
var customers []byte

// Name is the name of the table, as results and errors show it.
const Name = "sample data"

// Customers returns the table as a source. It can be read any number of times.
func Customers() *datasource.CSV {
	return datasource.NewCSVBytes(Name, customers, datasource.CSVConfig{Schema: datasource.CustomerSchema()})
}
