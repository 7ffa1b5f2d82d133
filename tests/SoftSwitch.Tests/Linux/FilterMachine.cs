using System.Buffers.Binary;
using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.Filter;

namespace SoftSwitch.Tests.Linux;

/// <summary>
/// Runs a classic BPF program as the kernel would (Documentation/networking/filter.rst), and refuses what the kernel's checker refuses:
/// jumps beyond the end, an end that is no return.
/// </summary>
internal static class FilterMachine
{
    /// <summary>The frame passes.</summary>
    internal static bool Passes(ReadOnlySpan<sock_filter> program, ReadOnlySpan<byte> frame, uint packetType = IfPacket.PACKET_HOST,
        ushort tag = 0, uint mark = 0)
    {
        uint a = 0, x = 0;
        for (var at = 0; ; at++)
        {
            var step = program[at];
            switch (step.code)
            {
                case BPF_LD | BPF_ABS | BPF_W or BPF_LD | BPF_ABS | BPF_H or BPF_LD | BPF_ABS | BPF_B:
                    if (unchecked((int)step.k) < 0)
                        a = (unchecked((int)step.k) - SKF_AD_OFF) switch { SKF_AD_PKTTYPE => packetType, SKF_AD_MARK => mark, _ => tag };
                    else if (!TryLoad(frame, step.k, step.code, out a))
                        return false;
                    break;
                case BPF_LD | BPF_IND | BPF_W or BPF_LD | BPF_IND | BPF_H or BPF_LD | BPF_IND | BPF_B:
                    if (!TryLoad(frame, x + step.k, step.code, out a))
                        return false;
                    break;
                case BPF_LDX | BPF_B | BPF_MSH:
                    if (step.k >= frame.Length)
                        return false;
                    x = (frame[(int)step.k] & 15u) * 4;
                    break;
                case BPF_MISC | BPF_TAX:
                    x = a;
                    break;
                case BPF_JMP | BPF_JA:
                    at += (int)step.k;
                    break;
                case BPF_JMP | BPF_JEQ | BPF_K:
                    at += a == step.k ? step.jt : step.jf;
                    break;
                case BPF_JMP | BPF_JEQ | BPF_X:
                    at += a == x ? step.jt : step.jf;
                    break;
                case BPF_JMP | BPF_JGE | BPF_K:
                    at += a >= step.k ? step.jt : step.jf;
                    break;
                case BPF_JMP | BPF_JGT | BPF_K:
                    at += a > step.k ? step.jt : step.jf;
                    break;
                case BPF_JMP | BPF_JSET | BPF_K:
                    at += (a & step.k) != 0 ? step.jt : step.jf;
                    break;
                case BPF_RET | BPF_K:
                    return step.k != 0;
                default:
                    throw new InvalidOperationException($"instruction {step.code:x}");
            }
        }
    }

    private static bool TryLoad(ReadOnlySpan<byte> frame, uint offset, ushort code, out uint value)
    {
        var size = (code & 0x18) switch { BPF_W => 4u, BPF_H => 2u, _ => 1u };
        value = 0;
        if ((ulong)offset + size > (ulong)frame.Length)
            return false;
        var bytes = frame[(int)offset..];
        value = size switch
        {
            4 => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            _ => bytes[0],
        };
        return true;
    }
}
