using static SoftSwitch.Linux.Interop.Filter;

namespace SoftSwitch.Linux.Filters;

/// <summary>
/// Writes a classic BPF program for a socket (Documentation/networking/filter.rst), question by question: each either ends the program, or
/// goes on with the next. So no jump is longer than one instruction, but for those over whole blocks. The kernel rejects a frame that ends
/// before a load.
/// </summary>
internal sealed class FilterProgram
{
    private const uint AcceptWhole = uint.MaxValue;

    private readonly List<sock_filter> _instructions = [];

    internal static FilterProgram Rejecting(Action<FilterProgram> write)
    {
        var program = new FilterProgram();
        write(program);
        program.Reject();
        return program;
    }

    internal sock_filter[] ToArray() => _instructions.Count <= BPF_MAXINSNS ? [.. _instructions]
        : throw new InvalidOperationException("the socket filter is longer than the kernel takes");

    /// <param name="size">BPF_B, BPF_H or BPF_W.</param>
    /// <param name="offset">From the frame's first byte.</param>
    internal void Load(ushort size, int offset) => Add(BPF_LD | BPF_ABS | size, unchecked((uint)offset));

    /// <summary>What the kernel knows beside the frame.</summary>
    internal void LoadAncillary(int what) => Load(BPF_W, SKF_AD_OFF + what);

    /// <summary>X becomes the length of the IPv4 header that begins there.</summary>
    internal void LoadHeaderLength(int offset) => Add(BPF_LDX | BPF_B | BPF_MSH, (uint)offset);

    /// <summary>Loads from X and an offset.</summary>
    internal void LoadBehindHeader(ushort size, int offset) => Add(BPF_LD | BPF_IND | size, (uint)offset);

    internal void KeepInX() => Add(BPF_MISC | BPF_TAX, 0);

    internal void Require(uint value) => Test(BPF_JEQ | BPF_K, value, 1, 0, 0);

    /// <summary>One of these values.</summary>
    internal void RequireAnyOf(IReadOnlyList<uint> values)
    {
        for (var left = values.Count; left > 0; left--)
        {
            _instructions.Add(new(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, values[^left]));
            // Over the other questions, and the end behind them.
            Add(BPF_JMP | BPF_JA, (uint)(2 * left - 1));
        }
        Reject();
    }

    internal void RejectIf(uint value) => Test(BPF_JEQ | BPF_K, value, 0, 1, 0);

    internal void AcceptIf(uint value) => Test(BPF_JEQ | BPF_K, value, 0, 1, AcceptWhole);

    internal void AcceptIfAnyOf(uint bits) => Test(BPF_JSET | BPF_K, bits, 0, 1, AcceptWhole);

    internal void RejectIfAnyOf(uint bits) => Test(BPF_JSET | BPF_K, bits, 0, 1, 0);

    internal void AcceptIfX() => Test(BPF_JEQ | BPF_X, 0, 0, 1, AcceptWhole);

    internal void AcceptBetween(int first, int last)
    {
        _instructions.Add(new(BPF_JMP | BPF_JGE | BPF_K, 0, 2, (uint)first));
        Test(BPF_JMP | BPF_JGT | BPF_K, (uint)last, 1, 0, AcceptWhole);
    }

    internal void Accept() => Add(BPF_RET | BPF_K, AcceptWhole);

    internal void Reject() => Add(BPF_RET | BPF_K, 0);

    /// <summary>Adds questions for the frames with this value; each of these frames is decided there.</summary>
    internal void When(uint value, Action<FilterProgram> questions)
    {
        var block = Rejecting(questions);
        _instructions.Add(new(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, value));
        Add(BPF_JMP | BPF_JA, (uint)block._instructions.Count);
        _instructions.AddRange(block._instructions);
    }

    private void Test(ushort condition, uint value, byte whenTrue, byte whenFalse, uint result)
    {
        _instructions.Add(new((ushort)(BPF_JMP | condition), whenTrue, whenFalse, value));
        Add(BPF_RET | BPF_K, result);
    }

    private void Add(int code, uint value) => _instructions.Add(new((ushort)code, 0, 0, value));
}
