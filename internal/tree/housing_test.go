package tree

import "math"

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// draws makes the random numbers of one row.
type draws struct{ at uint64 }

func (d draws) uniform(k uint64) float64 {
	return float64(mix((d.at+k+1)*0x9e3779b97f4a7c15)>>11) / (1 << 53)
}

func (d draws) normal(k uint64) float64 {
	return (d.uniform(k) + d.uniform(k+1) + d.uniform(k+2) + d.uniform(k+3) - 2) * 1.7320508075688772
}

// housing makes blocks of houses like those of the California housing data. It is
// housing of testdata/make_golden.py.
func housing(rows int, seed uint64) (columns [][]float64, y []float64) {
	columns, y = make([][]float64, 8), make([]float64, rows)
	for j := range columns {
		columns[j] = make([]float64, rows)
	}
	for i := range y {
		x, value := house(draws{seed<<40 + uint64(i)*64})
		for j, v := range x {
			columns[j][i] = v
		}
		y[i] = value
	}
	return columns, y
}

func house(d draws) (x [8]float64, value float64) {
	z := d.normal(0)
	income := math.Floor(math.Exp(1.2+0.45*z)*1e4) / 1e4
	age := 1 + math.Floor(52*d.uniform(4))
	rooms := math.Exp(1.6 + 0.1*z + 0.15*d.normal(5))
	bedrooms := rooms * (0.18 + 0.05*d.normal(9))
	people := math.Floor(math.Exp(7 + 0.7*d.normal(13)))
	occupancy := math.Exp(1 + 0.25*d.normal(17))
	latitude, longitude := 32.5+9.5*d.uniform(22), -124.3+10*d.uniform(23)
	switch where := d.uniform(21); {
	case where < 0.4:
		latitude, longitude = 34.05+0.4*d.normal(24), -118.25+0.4*d.normal(28)
	case where < 0.65:
		latitude, longitude = 37.77+0.4*d.normal(24), -122.4+0.4*d.normal(28)
	}
	latitude, longitude = math.Floor(100*latitude)/100, math.Floor(100*longitude)/100
	far := min(square(latitude-34.05)+square(longitude+118.25), square(latitude-37.77)+square(longitude+122.4))
	value = 0.45*income + 1.5/(1+4*far) + 0.006*age - 0.2*occupancy + 0.1*income*d.normal(32)
	return [8]float64{income, age, rooms, bedrooms, people, occupancy, latitude, longitude}, max(0.15, min(5, value))
}

func square(v float64) float64 { return v * v }

// punch is holes of testdata/make_golden.py: it takes values away.
func punch(columns [][]float64) {
	for j, column := range columns {
		for row, v := range column {
			draw := mix(uint64(row*len(columns)+j)+77) % 14
			if draw < 2 || j == 0 && v > 6 && draw < 4 {
				column[row] = math.NaN()
			}
		}
	}
}
