// Command generate writes the sample data of package sample: a made-up customer
// table with five planted groups, a spending score that mostly follows from the
// other columns, and the kinds of dirt that real files have. Its output is the
// same on every machine.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"os"
)

func main() {
	file, err := os.Create("customers.csv")
	if err != nil {
		log.Fatal(err)
	}
	if err := write(file); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
}

// group is one planted segment: its weight, and the centres and spreads of age
// and income.
type group struct {
	weight            float64
	age, ageSpread    float64
	income, incSpread float64
}

var groups = []group{
	{0.26, 27, 4, 41_000, 7_000},
	{0.22, 31, 4, 118_000, 11_000},
	{0.21, 47, 4, 76_000, 8_000},
	{0.18, 66, 5, 44_000, 7_000},
	{0.13, 61, 4, 131_000, 11_000},
}

// profession has a share of customers and an effect on the spending score.
type profession struct {
	name   string
	weight float64
	effect float64
}

var professions = []profession{
	{"Artist", 0.24, 4},
	{"Doctor", 0.10, -2},
	{"Engineer", 0.14, -4},
	{"Entertainment", 0.12, 6},
	{"Executive", 0.10, 3},
	{"Healthcare", 0.18, 0},
	{"Lawyer", 0.07, -5},
	{"Marketing", 0.05, 5},
}

type customer struct {
	id                                     int
	gender, profession                     string
	age, income, experience, family, score int
}

const (
	rows    = 1200
	firstID = 1001
)

func write(w io.Writer) error {
	random := &source{rand.New(rand.NewPCG(2024, 11))}
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "CustomerID,Gender,Age,Annual Income ($),Spending Score (1-100),Profession,Work Experience,Family Size")
	var last customer
	for i := range rows {
		c := random.customer(firstID + i)
		fmt.Fprintln(out, random.line(c, last, i))
		last = c
	}
	return out.Flush()
}

// line is a customer as a line of the file, now and then with dirt.
func (s *source) line(c, last customer, i int) string {
	income := fmt.Sprint(c.income)
	switch i % 150 {
	case 37: // a minor
		c.age = 12 + i%5
	case 61:
		c.profession = ""
	case 83:
		income = "0"
	case 97:
		income = ""
	case 119: // the line before, once more
		c, income = last, fmt.Sprint(last.income)
	case 139: // another customer with the number of the line before
		c.id = last.id
	}
	return fmt.Sprintf("%d,%s,%d,%s,%d,%s,%d,%d", c.id, c.gender, c.age, income, c.score, c.profession, c.experience, c.family)
}

type source struct{ *rand.Rand }

func (s *source) customer(id int) customer {
	g := groups[s.pick(len(groups), func(i int) float64 { return groups[i].weight })]
	p := professions[s.pick(len(professions), func(i int) float64 { return professions[i].weight })]
	age := clamp(g.age+times(g.ageSpread, s.normal()), 18, 90)
	income := clamp(g.income+times(g.incSpread, s.normal()), 12_000, 190_000)
	family := clamp(2.6+times(1.3, s.normal()), 1, 8)
	experience := clamp(times(age-20, 0.06)+times(1.2, s.normal()), 0, 12)
	score := 50 + times(0.33, (income-80_000)/1000) - times(0.42, age-45) +
		times(1.2, family-2.6) + p.effect + times(5, s.normal())
	gender := "Female"
	if u := s.Float64(); u < 0.44 {
		gender = "Male"
	} else if u < 0.46 {
		gender = "Non-binary"
	}
	return customer{
		id: id, gender: gender, profession: p.name,
		age: round(age), income: round(income/50) * 50, experience: round(experience),
		family: round(family), score: round(clamp(score, 0, 100)),
	}
}

// pick draws an index by weight.
func (s *source) pick(n int, weight func(i int) float64) int {
	u := s.Float64()
	for i := range n {
		if u -= weight(i); u < 0 {
			return i
		}
	}
	return n - 1
}

// normal returns a value that is close to standard normal, by additions only, so
// that every machine draws the same bits.
func (s *source) normal() float64 {
	sum := -6.0
	for range 12 {
		sum += s.Float64()
	}
	return sum
}

// times rounds its product, which keeps processors that can multiply and add in
// one step from doing so.
func times(a, b float64) float64 { return float64(a * b) }

func clamp(v, low, high float64) float64 { return min(max(v, low), high) }

func round(v float64) int { return int(math.Floor(v + 0.5)) }
