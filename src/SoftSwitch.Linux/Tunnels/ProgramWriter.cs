using static SoftSwitch.Linux.Interop.Bpf;

namespace SoftSwitch.Linux.Tunnels;

/// <summary>Writes an eBPF program instruction by instruction (RFC 9669). Registers are numbers; every jump ends the program or goes
/// on.</summary>
internal sealed class ProgramWriter
{
    private const int Result = 0;

    private readonly List<bpf_insn> _instructions = [];

    internal bpf_insn[] ToArray() => [.. _instructions];

    internal void Move(int to, int from) => Add(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);

    internal void Set(int register, int value) => Add(BPF_ALU64 | BPF_MOV | BPF_K, register, 0, 0, value);

    /// <summary>64 bits.</summary>
    internal void Load(int register, int from, short offset) => Add(BPF_LDX | BPF_MEM | BPF_DW, register, from, offset, 0);

    /// <summary>64 bits.</summary>
    internal void Store(int to, short offset, int register) => Add(BPF_STX | BPF_MEM | BPF_DW, to, register, offset, 0);

    /// <param name="operation">BPF_ADD, BPF_AND, …</param>
    internal void Calculate(byte operation, int register, int value) => Add(BPF_ALU64 | operation | BPF_K, register, 0, 0, value);

    internal void Add(int register, int other) => Add(BPF_ALU64 | BPF_ADD | BPF_X, register, other, 0, 0);

    internal void Join(int register, int bits) => Add(BPF_ALU64 | BPF_OR | BPF_X, register, bits, 0, 0);

    internal void Call(int function) => Add(BPF_JMP | BPF_CALL, 0, 0, 0, function);

    /// <param name="comparison">BPF_JEQ, BPF_JGT, …, with a value of less than 2^31.</param>
    internal void ReturnUnless(byte comparison, int register, int value, int result)
    {
        Add(BPF_JMP | comparison | BPF_K, register, 0, 2, value);
        Return(result);
    }

    internal void ReturnIf(byte comparison, int register, int value, int result)
    {
        Add(BPF_JMP | comparison | BPF_K, register, 0, 1, value);
        Add(BPF_JMP, 0, 0, 2, 0);
        Return(result);
    }

    internal void Return(int result)
    {
        Set(Result, result);
        Add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    }

    private void Add(int code, int to, int from, short offset, int value) => _instructions.Add(new((byte)code, to, from, offset, value));
}
