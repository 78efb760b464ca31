package web

import "tandai/internal/shadow"

// shadowTexts are the words of the page that WriteShadow writes.
type shadowTexts struct {
	Tag, Language                                        string
	Title, Period, Made, How                             string
	VerdictSame, VerdictLost, VerdictMissing             string
	VerdictDoubled, VerdictNothing                       string
	Both, OfTandai                                       string
	Overwritten, OverwrittenNote, OnlyHere, OnlyHereNote string
	OnlyThere, OnlyThereNote, Doubled, DoubledNote       string
	Different, DifferentNote, Imported                   string
	Chart, ChartNote, BarTitle                           string
	PerDay, DayHead, RowsThere, RowsHere, Total          string
	Found, FoundNote, Kind, Time, Lead, Label, What      string
	DiffersIn, ColumnsHead, UnreadableHead, Rows         string
	NothingFound                                         string
	Kinds, Statuses                                      map[string]string
}

var shadowEnglish = shadowTexts{
	Tag: "en", Language: "English",
	Title: "n8n and Tandai, side by side: %s", Period: "%s to %s",
	Made:        "Table %s and session %s, compared on %s. Days are those of %s.",
	How:         "Both recorded the same WhatsApp labels at the same time. Each row of either side is counted once: what both have, what one of them lacks, and why.",
	VerdictSame: "Both recorded the same.", VerdictLost: "n8n lost %s of %s label changes.",
	VerdictMissing: "Tandai lacks %s label changes that n8n has.", VerdictDoubled: "n8n recorded %s label changes twice.",
	VerdictNothing: "There is nothing to compare: Tandai received no webhook of these days itself.",
	Both:           "Recorded by both", OfTandai: "of %s that Tandai recorded by webhook",
	Overwritten: "Overwritten", OverwrittenNote: "several changes in one millisecond: n8n keeps one of them",
	OnlyHere: "Only in Tandai", OnlyHereNote: "n8n or its database did not take them",
	OnlyThere: "Only in n8n", OnlyThereNote: "Tandai did not get them",
	Doubled: "Doubled by n8n", DoubledNote: "sent again, and written again",
	Different: "Different", DifferentNote: "recorded by both, with another text in a column", Imported: "From the table",
	Chart: "Label changes per day", ChartNote: "Green: recorded by both. Red: lost by n8n. The highest day has %s.", BarTitle: "%s: %s changes, %s lost by n8n",
	PerDay: "Day by day", DayHead: "Day", RowsThere: "Rows of n8n", RowsHere: "Rows of Tandai", Total: "All days",
	Found: "For example", FoundNote: "The first of each kind. Numbers of people are masked.", Kind: "What", Time: "When", Lead: "Who", Label: "Label", What: "Change",
	DiffersIn: "%s: Tandai has “%s”, n8n “%s”", ColumnsHead: "Columns that differ", UnreadableHead: "Rows of n8n that cannot be understood", Rows: "rows",
	NothingFound: "There is nothing to show: both have the same.",
	Kinds: map[string]string{
		shadow.OnlyHere: "Only in Tandai", shadow.OnlyThere: "Only in n8n", shadow.Overwritten: "Overwritten by n8n", shadow.Doubled: "Doubled by n8n",
		shadow.Different: "Different",
	},
	Statuses: map[string]string{"add_label": "added", "delete_label": "removed"},
}

var shadowIndonesian = shadowTexts{
	Tag: "id", Language: "Bahasa Indonesia",
	Title: "n8n dan Tandai, berdampingan: %s", Period: "%s sampai %s",
	Made:        "Tabel %s dan sesi %s, dibandingkan pada %s. Hari mengikuti zona %s.",
	How:         "Keduanya mencatat label WhatsApp yang sama pada waktu yang sama. Setiap baris dihitung satu kali: yang ada di keduanya, yang hilang di salah satu, dan sebabnya.",
	VerdictSame: "Keduanya mencatat hal yang sama.", VerdictLost: "n8n kehilangan %s dari %s perubahan label.",
	VerdictMissing: "Tandai tidak memiliki %s perubahan label yang ada di n8n.", VerdictDoubled: "n8n mencatat %s perubahan label dua kali.",
	VerdictNothing: "Tidak ada yang dapat dibandingkan: Tandai sendiri tidak menerima webhook pada hari-hari ini.",
	Both:           "Dicatat keduanya", OfTandai: "dari %s yang dicatat Tandai dari webhook",
	Overwritten: "Tertimpa", OverwrittenNote: "beberapa perubahan dalam satu milidetik: n8n hanya menyimpan satu",
	OnlyHere: "Hanya di Tandai", OnlyHereNote: "n8n atau basis datanya tidak menyimpannya",
	OnlyThere: "Hanya di n8n", OnlyThereNote: "Tandai tidak menerimanya",
	Doubled: "Ganda di n8n", DoubledNote: "dikirim ulang, lalu ditulis ulang",
	Different: "Berbeda", DifferentNote: "dicatat keduanya, dengan isi kolom yang lain", Imported: "Dari tabel",
	Chart: "Perubahan label per hari", ChartNote: "Hijau: dicatat keduanya. Merah: hilang di n8n. Hari tertinggi berisi %s.", BarTitle: "%s: %s perubahan, %s hilang di n8n",
	PerDay: "Hari demi hari", DayHead: "Hari", RowsThere: "Baris n8n", RowsHere: "Baris Tandai", Total: "Semua hari",
	Found: "Contohnya", FoundNote: "Yang pertama dari tiap jenis. Nomor orang disamarkan.", Kind: "Apa", Time: "Kapan", Lead: "Siapa", Label: "Label", What: "Perubahan",
	DiffersIn: "%s: di Tandai “%s”, di n8n “%s”", ColumnsHead: "Kolom yang berbeda", UnreadableHead: "Baris n8n yang tidak dapat dipahami", Rows: "baris",
	NothingFound: "Tidak ada yang perlu ditunjukkan: keduanya sama.",
	Kinds: map[string]string{
		shadow.OnlyHere: "Hanya di Tandai", shadow.OnlyThere: "Hanya di n8n", shadow.Overwritten: "Tertimpa di n8n", shadow.Doubled: "Ganda di n8n",
		shadow.Different: "Berbeda",
	},
	Statuses: map[string]string{"add_label": "dipasang", "delete_label": "dilepas"},
}
