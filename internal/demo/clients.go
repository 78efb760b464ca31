package demo

import (
	"time"

	"tandai/internal/waha/wahasim"
)

// slot is what a label is for. Which id and which name it has differs per phone.
type slot int

const (
	slotA slot = iota
	slotB
	slotC
	slotD
	slotE
	slotWon
	slotLost
	slotFollowUp
	slotTrade // buys to sell again, brings friends, comes to look: each trade has its own
	slotPriority
	slotPromo
	slotCount
)

// brand is a client as the demonstration plays it.
type brand struct {
	name, title string
	timezone    string
	zone        *time.Location
	ignore      []string
	names       [slotCount]string
	won, lost   []string

	share   float64 // of all leads
	organic float64 // share of leads without an advertisement
	quality float64 // of its leads, 0 = average, 1 = one standard deviation better
	closing float64 // factor on the chance to close
	pace    float64 // usual days between two changes of a lead
	ads     []ad
	seats   []seat
	ask     []string // first messages
}

// ad is an advertisement that opens chats.
type ad struct {
	id, title, body, url, app string
	weight                    float64 // share among the advertisements of its time
	quality                   float64
	from, to                  float64 // when it ran, as a share of the history; to > 1 = still runs
}

// seat is one CS with a phone.
type seat struct {
	session, cs, number string
	engine              wahasim.Engine
	version             string
	metadata            map[string]string
	share               float64 // of the client's leads
	quality             float64 // what the CS makes of a lead
	speed               float64 // factor on waiting times; less is faster
	opens, closes       float64 // shift, hours of the client's day
	sundays             bool
	hidden              float64         // share of leads that appear by hidden id
	rename              map[slot]string // names of its own
	lateNames           time.Duration   // label.upsert comes this much later than the start
	incident            incident        // what happens to one label of this phone
}

// incident is a change to a label itself, in the middle of the history.
type incident int

const (
	nothing incident = iota
	renames          // slotPriority gets an emoji
	reuses           // slotPromo is deleted and its id given to another label
)

func grades(rest ...string) (names [slotCount]string) {
	copy(names[:], append([]string{"Grade A", "Grade B", "Grade C", "Grade D", "Grade E", "Closing", "Batal", "Follow up"}, rest...))
	return names
}

// usualLabels are what WhatsApp Business starts with, ids 1 to 5.
var usualLabels = []string{"Pelanggan baru", "Pesanan baru", "Menunggu pembayaran", "Sudah bayar", "Pesanan selesai"}

var (
	wib  = time.FixedZone("Asia/Jakarta", 7*60*60) // Indonesia has no daylight saving
	wita = time.FixedZone("Asia/Makassar", 8*60*60)
)

// brands are the three clients.
func brands() []brand {
	return []brand{{
		name: "hansarang", title: "Hansarang", timezone: "Asia/Jakarta", zone: wib,
		ignore: []string{"6281199900901", "6281199900902"},
		names:  grades("Reseller", "Prioritas", "Promo Ongkir"),
		won:    []string{"Closing"}, lost: []string{"Batal"},
		share: 0.5, organic: 0.3, quality: 0.05, closing: 1.15, pace: 1.2,
		ads: []ad{
			{"120210000000010001", "Gamis Harian Diskon 50%", "Klik untuk chat admin", "https://fb.me/hsrg1Diskon", "facebook", 0.40, -0.65, 0, 2},
			{"120210000000010002", "Katalog Premium Hansarang", "Lihat koleksi terbaru", "https://fb.me/hsrg2Premium", "instagram", 0.25, 0.75, 0, 2},
			{"120210000000010003", "Khimar Ringan Setiap Hari", "Tanya ukuran dan warna", "https://fb.me/hsrg3Khimar", "instagram", 0.20, 0.15, 0.15, 2},
			{"120210000000010004", "Gratis Ongkir Se-Jawa", "Pesan lewat WhatsApp", "https://fb.me/hsrg4Ongkir", "facebook", 0.35, -0.25, 0.35, 0.7},
		},
		seats: []seat{
			{session: "hansarang_cs1", cs: "CS 1", number: "6281199900001", engine: wahasim.GOWS, share: 0.4, quality: 0.1, speed: 0.7,
				opens: 8, closes: 16, sundays: true, hidden: 0.45, metadata: map[string]string{"klien": "hansarang"}, incident: reuses},
			{session: "hansarang_cs2", cs: "CS 2", number: "6281199900002", engine: wahasim.GOWS, share: 0.35, quality: -0.15, speed: 1.2,
				opens: 13, closes: 21, sundays: true, hidden: 0.45, metadata: map[string]string{"klien": "hansarang"}, incident: renames},
			{session: "hansarang_cs3", cs: "CS 3", number: "6281199900003", engine: wahasim.NOWEB, share: 0.25, quality: 0, speed: 1.6,
				opens: 9, closes: 17, hidden: 0.4, metadata: map[string]string{"klien": "hansarang"}},
		},
		ask: []string{"Halo kak, saya lihat iklannya. Masih ada?", "Kak, gamis yang di foto ready ukuran L?", "Assalamualaikum, mau tanya harga", "Bisa kirim katalognya kak?", "Ongkir ke Bekasi berapa ya?"},
	}, {
		name: "lembahara", title: "Lembahara Residence", timezone: "Asia/Jakarta", zone: wib,
		ignore: []string{"6281199900911"},
		names:  grades("Survei lokasi", "Siap KPR", "Undangan open house"),
		won:    []string{"Closing"}, lost: []string{"Batal"},
		share: 0.2, organic: 0.2, quality: -0.15, closing: 0.45, pace: 4,
		ads: []ad{
			{"120210000000020001", "Rumah Mulai 400 Jutaan", "Chat untuk pricelist", "https://fb.me/lmbh1Cicil", "facebook", 0.55, -0.55, 0, 2},
			{"120210000000020002", "Cluster Baru Dekat Stasiun", "Jadwalkan survei", "https://fb.me/lmbh2Survei", "instagram", 0.30, 0.6, 0, 2},
			{"120210000000020003", "Open House Akhir Pekan", "Daftar kunjungan", "https://fb.me/lmbh3Open", "facebook", 0.30, 0.35, 0.5, 0.8},
		},
		seats: []seat{
			{session: "lembahara_cs1", cs: "CS 1", number: "6281199900011", engine: wahasim.GOWS, share: 0.45, quality: 0.2, speed: 0.9,
				opens: 9, closes: 18, sundays: true, hidden: 0.4},
			{session: "lembahara_cs2", cs: "CS 2", number: "6281199900012", engine: wahasim.GOWS, version: wahasim.VersionWithoutEngine, share: 0.35, quality: -0.1, speed: 1.3,
				opens: 9, closes: 18, hidden: 0.4, lateNames: 26 * time.Hour},
			{session: "lembahara_cs3", cs: "CS 3", number: "6281199900013", engine: wahasim.WPP, share: 0.2, quality: -0.1, speed: 1.5,
				opens: 10, closes: 19, hidden: 0.12, rename: map[slot]string{slotA: "grade a", slotB: "grade b", slotC: "grade c", slotD: "grade d", slotE: "grade e"}},
		},
		ask: []string{"Selamat siang, minta pricelist", "Cicilan per bulan berapa?", "Lokasinya di mana ya?", "Masih ada unit ready?", "Bisa KPR tanpa DP?"},
	}, {
		name: "nalarkelas", title: "Nalarkelas", timezone: "Asia/Makassar", zone: wita,
		ignore: []string{"6281199900921"},
		names:  grades("Ajak teman", "VIP 💎", "Kelas gratis"),
		won:    []string{"Closing", "Lunas"}, lost: []string{"Batal"},
		share: 0.3, organic: 0.4, quality: 0.1, closing: 0.9, pace: 2,
		ads: []ad{
			{"120210000000030001", "Kelas Data untuk Pemula", "Konsultasi gratis", "https://fb.me/nlrk1Data", "instagram", 0.45, 0.35, 0, 2},
			{"120210000000030002", "Webinar Gratis Tiap Sabtu", "Ambil tempatmu", "https://fb.me/nlrk2Webinar", "facebook", 0.40, -0.7, 0, 2},
			{"120210000000030003", "Beasiswa Angkatan Baru", "Cek syaratnya", "https://fb.me/nlrk3Beasiswa", "instagram", 0.35, -0.1, 0.6, 2},
		},
		seats: []seat{
			{session: "nalarkelas_cs1", cs: "CS 1", number: "6281199900021", engine: wahasim.GOWS, share: 0.6, quality: 0.15, speed: 0.8,
				opens: 8, closes: 17, hidden: 0.4, metadata: map[string]string{}},
			{session: "nalarkelas_cs2", cs: "CS 2", number: "6281199900022", engine: wahasim.NOWEB, share: 0.4, quality: -0.05, speed: 1.1,
				opens: 12, closes: 20, sundays: true, hidden: 0.4, metadata: map[string]string{}, rename: map[slot]string{slotWon: "Lunas"}},
		},
		ask: []string{"Halo min, info kelasnya dong", "Jadwal kelas malam ada?", "Biayanya berapa kak?", "Saya pemula, bisa ikut?", "Dapat sertifikat?"},
	}}
}

var givenNames = []string{"Adi", "Ayu", "Bayu", "Citra", "Dewi", "Dian", "Eka", "Fajar", "Gita", "Hana", "Indra", "Intan", "Joko", "Kartika",
	"Lestari", "Maya", "Nanda", "Nur", "Putri", "Rani", "Rizky", "Sari", "Tika", "Umi", "Wahyu", "Yuni"}

var replies = []string{"Halo kak, terima kasih sudah menghubungi kami", "Baik kak, saya bantu cek dulu ya", "Masih ada kak, mau yang mana?", "Ini detailnya ya kak", "Boleh kak, untuk kapan?"}

var answers = []string{"Oke kak", "Saya pikir-pikir dulu ya", "Jadi mau ambil yang itu", "Bisa nego?", "Transfer ke mana?", "Nanti saya kabari", "Maaf baru balas", "Sudah saya transfer kak"}
