using System.Diagnostics.CodeAnalysis;
using SoftSwitch.Forwarding.Drops;

namespace SoftSwitch.Forwarding.Ports;

/// <summary>
/// What one worker counted at one port; <c>In</c> is towards the switch, <c>Out</c> is away from it. The worker alone writes, with plain
/// 64-bit stores; anyone may read, for an aligned word is never seen half-written. The books: over all ports of a network, and with
/// <see cref="Copies"/> and <see cref="Segments"/> for what the switch itself multiplied,
/// <code>in.frames + copies + segments = out.frames + drops</code>
/// but for two reasons that only the kernel knows of: <c>kernel-queue-full</c>, which never came in, and <c>receiver-dropped</c>, which had
/// gone out. What went out by a port and wasn't dropped like that was received.
/// </summary>
public struct PortCounters
{
    public long InFrames;
    public long InBytes;
    public long OutFrames;
    public long OutBytes;

    /// <summary>Frames that flooding added: the receivers of each flooded frame beyond the first; and what the switch itself has said to
    /// look for loops.</summary>
    public long Copies;

    /// <summary>Frames that cutting super-frames added: the segments of each beyond the first.</summary>
    public long Segments;

    /// <summary>Checksums completed by the switch because the output couldn't.</summary>
    public long Checksums;

    private DropCounts _in;
    private DropCounts _out;

    /// <summary>Frames that came in by this port and were dropped, by reason.</summary>
    [UnscopedRef]
    public ref long InDrops(DropReason reason) => ref _in[(int)reason];

    /// <summary>Frames that should have left by this port and were dropped, by reason.</summary>
    [UnscopedRef]
    public ref long OutDrops(DropReason reason) => ref _out[(int)reason];

    /// <summary>Adds what another worker counted.</summary>
    public void Add(in PortCounters other)
    {
        InFrames += other.InFrames;
        InBytes += other.InBytes;
        OutFrames += other.OutFrames;
        OutBytes += other.OutBytes;
        Copies += other.Copies;
        Segments += other.Segments;
        Checksums += other.Checksums;
        _in.Add(other._in);
        _out.Add(other._out);
    }

    /// <summary>All frames that came in by this port and were dropped.</summary>
    public readonly long InDropsTotal => _in.Total;

    /// <summary>All frames that should have left by this port and were dropped.</summary>
    public readonly long OutDropsTotal => _out.Total;
}
