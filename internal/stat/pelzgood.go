package stat

import "math"

// pelzGood returns the chance of a distance of at most d, by the expansion to the
// order n^(-3/2) of Pelz and Good, "Approximating the lower tail-areas of the
// Kolmogorov-Smirnov one-sample statistic", 1976.
func pelzGood(n int, d float64) float64 {
	const pi2, pi4, pi6 = math.Pi * math.Pi, math.Pi * math.Pi * math.Pi * math.Pi, math.Pi * math.Pi * math.Pi * math.Pi * math.Pi * math.Pi
	root := math.Sqrt(float64(n))
	z := root * d
	z2 := z * z
	z4, z6, z8 := z2*z2, z2*z2*z2, z2*z2*z2*z2
	var odd [4]float64
	var even2, even3 float64
	for k := math.Ceil(16 * z / math.Pi); k >= 1; k-- {
		m2 := (2*k - 1) * (2*k - 1)
		m4, m6 := m2*m2, m2*m2*m2
		weight := math.Exp(-pi2 * m2 / (8 * z2))
		odd[0] += weight
		odd[1] += weight * (pi2/4*m2 - z2)
		odd[2] += weight * (6*z6 + 2*z4 + pi2/4*(2*z4-5*z2)*m2 + pi4/16*(1-2*z2)*m4)
		odd[3] += weight * (-30*z6 - 90*z8 + pi2/4*(135*z4-96*z6)*m2 + pi4/16*(212*z4-60*z2)*m4 + pi6/64*(5-30*z2)*m6)
		k2 := k * k
		weight = math.Exp(-pi2 * k2 / (2 * z2))
		even2 += weight * k2
		even3 += weight * k2 * (3*z2 - pi2*k2)
	}
	k0 := odd[0] / z
	k1 := odd[1] / (6 * z4)
	k2 := odd[2]/(72*z6*z) - pi2*even2/(36*z2*z)
	k3 := odd[3]/(6480*z8*z2) + pi2*even3/(216*z6)
	return math.Sqrt(2*math.Pi) * (k0 + (k1+(k2+k3/root)/root)/root)
}
