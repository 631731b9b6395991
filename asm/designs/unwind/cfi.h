/*
 * Unwinds one frame of an image that is mapped here, from an interrupted context: the exact address counts, not one less.
 * SOURCE: DWARF 4, section 6.4; LSB Core, "Exception Frames" and ".eh_frame_hdr"; System V i386 ABI, register numbers.
 * Only what an i386 vDSO has: a sorted table, 32-bit pointers, offsets from the CFA. Anything else cannot be unwound, and
 * says so by 0. Nothing is allocated, no function of a library is called: this runs in a signal handler.
 */
#ifndef CFI_H
#define CFI_H

typedef unsigned char byte;
typedef unsigned int word;

enum { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, EIP, REGISTERS };

/* The description of the function an address is in. */
struct function {
	const byte *address; /* the interrupted instruction */
	const byte *begin, *end;
	const byte *cie_code, *cie_end;
	const byte *fde_code, *fde_end;
	word code_align;
	int data_align;
};

/* Where the caller's value of a register is: unchanged, lost, in memory at CFA + where, in register where. */
struct rule {
	enum { SAME, LOST, AT_CFA, IN_REGISTER } kind;
	int where;
};

struct row {
	word cfa_register;
	word cfa_offset;
	struct rule rules[REGISTERS];
};

/* Encodings of pointers (DW_EH_PE): sdata4 relative to its own place, udata4, sdata4 relative to the table. */
enum { PCREL_SDATA4 = 0x1b, UDATA4 = 0x03, DATAREL_SDATA4 = 0x3b };

static word read_word(const byte *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (word)p[3] << 24;
}

static word uleb(const byte **p)
{
	word value = 0;
	for (int shift = 0;; shift += 7) {
		byte b = *(*p)++;
		if (shift < 32)
			value |= (word)(b & 0x7f) << shift;
		if (!(b & 0x80))
			return value;
	}
}

static int sleb(const byte **p)
{
	word value = 0;
	for (int shift = 0;;) {
		byte b = *(*p)++;
		if (shift < 32)
			value |= (word)(b & 0x7f) << shift;
		shift += 7;
		if (b & 0x80)
			continue;
		if (shift < 32 && (b & 0x40))
			value |= -1u << shift;
		return value;
	}
}

/* The image's .eh_frame_hdr through its program headers, if the address is inside what is loaded. */
static const byte *frame_table(const byte *image, const byte *address)
{
	enum { PT_LOAD = 1, PT_GNU_EH_FRAME = 0x6474e550, PHDR_SIZE = 32 };
	const byte *header = image + read_word(image + 28);
	int inside = 0;
	const byte *table = 0;

	/* e_phnum; p_type 0, p_vaddr 8, p_memsz 20. The image is linked at 0. */
	for (int left = image[44] | image[45] << 8; left > 0; left--, header += PHDR_SIZE) {
		const byte *start = image + read_word(header + 8);
		if (read_word(header) == PT_LOAD && address >= start && address < start + read_word(header + 20))
			inside = 1;
		if (read_word(header) == PT_GNU_EH_FRAME)
			table = start;
	}
	return inside ? table : 0;
}

/* The CIE's part of the description; an augmentation that changes more than how pointers are written is refused. */
static int read_cie(const byte *cie, struct function *f)
{
	const byte *p = cie + 8, *name = cie + 9;
	byte version = *p;
	word length;

	f->cie_end = cie + 4 + read_word(cie);
	if ((version != 1 && version != 3) || name[0] != 'z')
		return 0;
	for (p = name; *p; p++)
		if (*p != 'z' && *p != 'R' && *p != 'S')
			return 0;
	p++;
	f->code_align = uleb(&p);
	f->data_align = sleb(&p);
	if ((version == 1 ? *p++ : uleb(&p)) != EIP)
		return 0;
	length = uleb(&p);
	f->cie_code = p + length;
	/* With R, the encoding is the one byte there is. */
	return length == 1 && *p == PCREL_SDATA4;
}

static int find_function(const byte *image, const byte *address, struct function *f)
{
	const byte *table = frame_table(image, address), *fde = 0, *p;
	word augmentation;

	if (!table || table[0] != 1 || table[1] != PCREL_SDATA4 || table[2] != UDATA4 || table[3] != DATAREL_SDATA4)
		return 0;
	p = table + 12;
	for (word left = read_word(table + 8); left > 0 && table + read_word(p) <= address; left--, p += 8)
		fde = table + read_word(p + 4);
	if (!fde || !read_cie(fde + 4 - read_word(fde + 4), f))
		return 0;
	f->address = address;
	f->begin = fde + 8 + read_word(fde + 8);
	f->end = f->begin + read_word(fde + 12);
	f->fde_end = fde + 4 + read_word(fde);
	p = fde + 16;
	augmentation = uleb(&p);
	f->fde_code = p + augmentation;
	return address >= f->begin && address < f->end;
}

static void set_rule(struct row *row, word reg, int kind, int where)
{
	if (reg >= REGISTERS)
		return;
	row->rules[reg].kind = kind;
	row->rules[reg].where = where;
}

/* Carries out one description up to the row of the function's address; 0 for what it does not know. */
static int execute(const struct function *f, const byte *p, const byte *end, struct row *row, const struct row *initial)
{
	enum { DEPTH = 4 };
	const byte *location = f->begin;
	struct row kept[DEPTH];
	int depth = 0;

	while (p < end) {
		byte op = *p++, low = op & 0x3f;
		word advance = 0, reg;
		if (op >> 6 == 1)
			advance = low;
		else if (op >> 6 == 2)
			set_rule(row, low, AT_CFA, (int)uleb(&p) * f->data_align);
		else if (op >> 6 == 3) {
			if (low < REGISTERS)
				row->rules[low] = initial->rules[low];
		} else switch (op) {
		case 0x00: /* nop */
			break;
		case 0x02: /* advance_loc1 */
			advance = *p++;
			break;
		case 0x03: /* advance_loc2 */
			advance = p[0] | p[1] << 8;
			p += 2;
			break;
		case 0x04: /* advance_loc4 */
			advance = read_word(p);
			p += 4;
			break;
		case 0x07: /* undefined */
			set_rule(row, uleb(&p), LOST, 0);
			break;
		case 0x08: /* same_value */
			set_rule(row, uleb(&p), SAME, 0);
			break;
		case 0x09: /* register: syscall's form of 2003 keeps ecx in ebp */
			reg = uleb(&p);
			set_rule(row, reg, IN_REGISTER, uleb(&p));
			break;
		case 0x0a: /* remember_state */
			if (depth == DEPTH)
				return 0;
			kept[depth++] = *row;
			break;
		case 0x0b: /* restore_state: the CFA belongs to it */
			if (depth == 0)
				return 0;
			*row = kept[--depth];
			break;
		case 0x0c: /* def_cfa */
			row->cfa_register = uleb(&p);
			row->cfa_offset = uleb(&p);
			break;
		case 0x0d: /* def_cfa_register */
			row->cfa_register = uleb(&p);
			break;
		case 0x0e: /* def_cfa_offset */
			row->cfa_offset = uleb(&p);
			break;
		case 0x11: /* offset_extended_sf */
			reg = uleb(&p);
			set_rule(row, reg, AT_CFA, sleb(&p) * f->data_align);
			break;
		case 0x2e: /* GNU_args_size */
			uleb(&p);
			break;
		default:
			return 0;
		}
		location += advance * f->code_align;
		if (location > f->address)
			return 1;
	}
	return 1;
}

/* Replaces the registers by the caller's as they will be after the return; 0 and nothing changed when that cannot be told. */
static int unwind_frame(const struct function *f, word regs[REGISTERS])
{
	struct row row, initial;
	word caller[REGISTERS], cfa;

	row.cfa_register = REGISTERS;
	row.cfa_offset = 0;
	for (int i = 0; i < REGISTERS; i++)
		set_rule(&row, i, SAME, 0);
	if (!execute(f, f->cie_code, f->cie_end, &row, &row))
		return 0;
	initial = row;
	if (!execute(f, f->fde_code, f->fde_end, &row, &initial))
		return 0;
	if (row.cfa_register >= REGISTERS || row.rules[EIP].kind != AT_CFA)
		return 0;
	cfa = regs[row.cfa_register] + row.cfa_offset;
	for (int i = 0; i < REGISTERS; i++) {
		struct rule rule = row.rules[i];
		caller[i] = regs[i];
		if (rule.kind == AT_CFA)
			caller[i] = *(const word *)(cfa + rule.where);
		if (rule.kind == IN_REGISTER && (word)rule.where < REGISTERS)
			caller[i] = regs[rule.where];
	}
	caller[ESP] = cfa;
	for (int i = 0; i < REGISTERS; i++)
		regs[i] = caller[i];
	return 1;
}

#endif
