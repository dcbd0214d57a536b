package stat

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// KolmogorovTail returns the chance that the distance between the distribution
// function of n values and the true, continuous one is more than d. It takes the
// formula that is accurate where n and d lie, as chosen by Simard and L'Ecuyer,
// "Computing the two-sided Kolmogorov-Smirnov distribution", 2011, and by SciPy's
// kstwo.sf, which it equals to ten digits. n must be positive.
func KolmogorovTail(n int, d float64) float64 {
	count := float64(n)
	t := count * d
	z2 := t * d
	switch {
	case d >= 1 || z2 >= 370:
		return 0
	case t <= 0.5 || n > 140 && z2 < leastSquaredDistance:
		return 1
	case t <= 1:
		return 1 - bothEdges(n, t)
	case t >= count-1:
		return 2 * math.Pow(1-d, count)
	case d >= 0.5 || z2 > 4 || n > 140 && z2 >= 2.2:
		return min(1, 2*smirnovTail(n, d))
	case n <= 140 || n <= 100_000 && count*math.Pow(d, 1.5) <= 1.4:
		return max(0, 1-durbin(n, d))
	}
	return max(0, 1-pelzGood(n, d))
}

// leastSquaredDistance is where, for n times the squared distance, the chance of
// a smaller distance falls below 2e-11.
const leastSquaredDistance = 0.045

// bothEdges returns the chance of a distance of at most t/n, 1/2 < t <= 1: that
// each n-th part of the interval holds one value, in its middle.
func bothEdges(n int, t float64) float64 {
	logFactorial, _ := math.Lgamma(float64(n) + 1)
	return math.Exp(logFactorial + float64(n)*math.Log((2*t-1)/float64(n)))
}

// smirnovTail returns the chance that the empirical distribution function exceeds
// the true one by more than d somewhere: Smirnov's sum, each term of which is a
// binomial probability. Terms are smooth in their number and vanish at both ends,
// so that for a large n every step-th of them, times step, has the same sum.
func smirnovTail(n int, d float64) float64 {
	const terms = 1 << 13
	step := max(1, n/terms)
	sum := 0.0
	for v := 0; float64(v) < float64(n)*(1-d); v += step {
		p := d + float64(v)/float64(n)
		sum += d / p * binomial(v, n, float64(n)*d)
	}
	return sum * float64(step)
}

// binomial returns the chance of v successes in n trials of which v + excess are
// expected. It is Loader's way, "Fast and accurate computation of binomial
// probabilities", 2000, which loses no digits for a large n.
func binomial(v, n int, excess float64) float64 {
	a, b := float64(v), float64(n-v)
	if v == 0 {
		return math.Exp(float64(n) * math.Log1p(-excess/float64(n)))
	}
	if b-excess <= 0 {
		return 0
	}
	exponent := stirlingError(float64(n)) - stirlingError(a) - stirlingError(b) - deviance(a, excess) - deviance(b, -excess)
	return math.Exp(exponent) * math.Sqrt(float64(n)/(2*math.Pi*a*b))
}

// deviance returns x log(x/m) + m - x for m = x + excess.
func deviance(x, excess float64) float64 {
	r := excess / x
	if math.Abs(r) > 0.1 {
		return excess - x*math.Log1p(r)
	}
	// The series of r - log(1+r), whose difference would lose digits.
	sum, power := 0.0, r*r
	for k := 2.0; ; k++ {
		next := sum + power/k
		if next == sum {
			return x * sum
		}
		sum, power = next, -power*r
	}
}

// stirlingError returns log n! less Stirling's formula for it.
func stirlingError(n float64) float64 {
	if n < 16 {
		exact, _ := math.Lgamma(n + 1)
		return exact - (n+0.5)*math.Log(n) + n - 0.5*math.Log(2*math.Pi)
	}
	s := 1 / (n * n)
	return (1.0/12 - s*(1.0/360-s*(1.0/1260-s*(1.0/1680-s*(1.0/1188-s*691.0/360360))))) / n
}

// durbin returns the chance of a distance of at most d, by a power of a matrix:
// Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's distribution", 2003.
func durbin(n int, d float64) float64 {
	t := float64(n) * d
	k := int(math.Ceil(t))
	h := durbinMatrix(2*k-1, float64(k)-t)
	power, exponent := matrixPower(h, n, k-1)
	p := power.At(k-1, k-1)
	for i := 1; i <= n; i++ {
		p *= float64(i) / float64(n)
		if p < 0x1p-400 {
			p, exponent = p*0x1p400, exponent-400
		}
	}
	return math.Ldexp(p, exponent)
}

// durbinMatrix has 1/(i-j+1)! on and under its upper diagonal, but for corrections
// by powers of the rest in its first column and its last row.
func durbinMatrix(m int, rest float64) *mat.Dense {
	h := mat.NewDense(m, m, nil)
	inverse := make([]float64, m+1) // of the factorials
	inverse[0] = 1
	for i := range m {
		inverse[i+1] = inverse[i] / float64(i+1)
		for j := range min(i+2, m) {
			h.Set(i, j, inverse[i-j+1])
		}
	}
	for i := range m {
		edge := (1 - math.Pow(rest, float64(i+1))) * inverse[i+1]
		h.Set(i, 0, edge)
		h.Set(m-1, m-1-i, edge)
	}
	corner := 1 - 2*math.Pow(rest, float64(m)) + math.Pow(max(0, 2*rest-1), float64(m))
	h.Set(m-1, 0, corner*inverse[m])
	return h
}

// matrixPower returns h to the n-th power, divided by 2 to the power of exponent;
// the watched element of the diagonal says when a matrix grows too large.
func matrixPower(h *mat.Dense, n, watched int) (power *mat.Dense, exponent int) {
	const large = 400
	size, _ := h.Dims()
	power = mat.NewDense(size, size, nil)
	for i := range size {
		power.Set(i, i, 1)
	}
	square, squareExponent := mat.DenseCopyOf(h), 0
	scaled := func(m *mat.Dense, e int) int {
		if m.At(watched, watched) > 0x1p400 {
			m.Scale(0x1p-400, m)
			e += large
		}
		return e
	}
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			var next mat.Dense
			next.Mul(power, square)
			power, exponent = &next, scaled(&next, exponent+squareExponent)
		}
		var next mat.Dense
		next.Mul(square, square)
		square, squareExponent = &next, scaled(&next, 2*squareExponent)
	}
	return power, exponent
}
