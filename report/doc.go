// Package report shows an analysis to people: [WriteHTML] as one page to send
// around, [WriteFigures] as PNG files.
//
// It computes nothing. All figures come in a [Content], which holds the result
// types of packages segment, predict, explain and insights; this package lays them out,
// rounds them for readers and counts rows into bars. A part that is nil is
// replaced by a sentence with the reason.
//
// # Honesty
//
// The page says what each part is worth before it shows it. Where the verdict on
// structure is none, it calls the segments a convenience; where the predictor
// has no skill, it says "no better than predicting the average" wherever the
// prediction is shown or explained, whatever the other figures look like. A column
// that has changed is called drifted only where the check says that it matters.
//
// Customers in no segment are counted as noise and drawn grey. Where they were
// measured, the page shows how stable each segment is, and who moved since a
// previous model.
//
// # Text
//
// Names, labels and values may come from anyone. They are cut after 80
// characters, stripped of control and direction characters, and escaped both in
// the page and in the drawings, so that they stay text. The page runs no script
// and refers to nothing outside of itself.
//
// # Figures
//
// Figures are drawn with go-chart. They have the same size, the same palette and
// the same colour for a segment everywhere. NaN and values without a place are
// left out of a drawing, and shown as "n/a" in words. A scatter draws at most
// 5,000 points: every second, third, ... row of a larger table, which its caption
// says. Two kinds of figures may have several drawings, at most eight: waterfalls,
// one for each typical customer, and drift, one for each column that has changed.
//
// # Reproducibility and cost
//
// The same content and options give the same bytes; the time of writing appears
// only as [Content.Created]. Cost is linear in the rows of the table; nothing in
// the content is changed. All functions may be called concurrently, also on one
// content.
package report
