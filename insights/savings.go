package insights

// SavingsConfig holds the coefficients of the monthly spend that [ComputeSavings]
// estimates. The zero value works.
type SavingsConfig struct {
	// PerExperienceYear and PerFamilyMember are in the unit of the income;
	// 1000 and 500 when 0.
	PerExperienceYear, PerFamilyMember float64
}
