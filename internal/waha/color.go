package waha

// colorHex is WhatsApp's palette of label colours, by index.
// Source: WAHA, src/structures/labels.dto.ts.
var colorHex = [...]string{
	"#ff9485", "#64c4ff", "#ffd429", "#dfaef0", "#99b6c1",
	"#55ccb3", "#ff9dff", "#d3a91d", "#6d7cce", "#d7e752",
	"#00d0e2", "#ffc5c7", "#93ceac", "#f74848", "#00a0f2",
	"#83e422", "#ffaf04", "#b5ebff", "#9ba6ff", "#9368cf",
}

// ColorHex gives the colour of a label's colour index as "#rrggbb". Like WAHA it
// answers "#000000" for an index outside the palette.
func ColorHex(index int) string {
	if index < 0 || index >= len(colorHex) {
		return "#000000"
	}
	return colorHex[index]
}
