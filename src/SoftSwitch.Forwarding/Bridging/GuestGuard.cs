using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Admits at a port only what its guest may say: who it is, by MAC address, by IP address, or both; and nothing
/// that servers and routers say.
/// <code>
///                 mac                                   ip
///   any frame     from the port's MAC address           ARP, IPv4, IPv6, or RARP's question; not in a VLAN
///   ARP           about that MAC address                from an address of the port's, or from none about one of these (a probe)
///   IPv4          DHCP's questions for that MAC address from an address of the port's, or DHCP's questions from none
///   IPv6          neighbor discovery about that MAC     from a link-local address that nobody else has, or from none
///   never, with either: answers of DHCP, router advertisements, redirects
/// </code>
/// An address of the port's is one that the file gives it, or that is lent there now. All of it is judged before anything is learnt. What
/// can't be read as far as that takes (cut short, in tiny fragments, behind many headers, or with a checksum that an output would write
/// over what was read) is refused: a receiver might read it otherwise.
/// </summary>
/// <param name="mac">The station that is behind the port; null: any.</param>
/// <param name="checksAddresses">IP addresses count as well.</param>
/// <param name="given">Addresses of the port's for certain.</param>
/// <param name="lent">Those that are lent there; null: nobody lends any.</param>
public sealed partial class GuestGuard(MacAddress? mac, bool checksAddresses, IReadOnlyList<Ipv4Address> given, LentAddresses? lent)
{
    private readonly Ipv4Address[] _given = [.. given];

    /// <summary>The station that is behind the port; null: any.</summary>
    public MacAddress? Mac => mac;

    /// <summary>IP addresses count as well.</summary>
    public bool ChecksAddresses => checksAddresses;

    /// <summary>The addresses that are the port's now, each once: what is reserved may be lent, too.</summary>
    public IReadOnlyList<Ipv4Address> Addresses => [.. _given.Union(lent?.All ?? [])];

    /// <summary>Judges what the port brings; what goes no further gets its drop reason.</summary>
    internal void Judge(Turn turn, FrameSet frames)
    {
        foreach (var i in frames)
        {
            ref var frame = ref turn.Burst[i];
            if (frame.Drop == DropReason.None)
                frame.Drop = Judge(turn, ref frame);
        }
    }

    private DropReason Judge(Turn turn, ref Frame frame)
    {
        var by = turn.Member;
        // One of the switch's own that comes back by a loop: its sender is a station of ours.
        if (frame.Destination == LoopProbe.Destination && by.Bridge.Loops.Hears(frame.HeadBytes, by))
            return DropReason.LoopProbe;
        if (mac is { } own && frame.Source != own.Value)
            return Refuse(by, new MacAddress(frame.Source));
        if (!AddressGuard.TryFindPacket(ref frame, out var type, out var at))
            return RefuseOther(by, GuardedThing.Vlan);
        return type switch
        {
            EtherType.Arp => JudgeArp(by, ref frame, at),
            EtherType.Ipv4 => JudgeIpv4(by, ref frame, at),
            EtherType.Ipv6 => JudgeIpv6(turn, ref frame, at),
            // Nothing but tags, as far as anybody looks: it may be anything.
            EtherType.Vlan or EtherType.ServiceVlan => DropReason.PacketMalformed,
            EtherType.Rarp => JudgeRarp(by, ref frame, at),
            _ => RefuseOther(by, GuardedThing.Other),
        };
    }

    private DropReason JudgeArp(Membership by, ref Frame frame, int at)
    {
        frame.Pull(at + ArpMessage.Size);
        // Where an output completes a checksum, the message could become another.
        if (frame.Offload.NeedsChecksum || !ArpMessage.TryRead(frame.HeadBytes[at..], out var message))
            return DropReason.PacketMalformed;
        if (mac is { } own && message.SenderMac != own)
            return Refuse(by, message.SenderMac);
        // A probe asks for the address that it is about to take: who is about to take it as well would give it up (RFC 5227, 2.1.1).
        var said = message.SenderAddress.Value == 0 ? message.TargetAddress : message.SenderAddress;
        return MayHave(said) ? DropReason.None : Refuse(by, said);
    }

    /// <summary>QEMU says so where its guest is after a migration (RFC 903: who am I?).</summary>
    private DropReason JudgeRarp(Membership by, ref Frame frame, int at)
    {
        frame.Pull(at + ArpMessage.Size);
        if (frame.Offload.NeedsChecksum || frame.HeadLength < at + ArpMessage.Size
            || BinaryPrimitives.ReadUInt16BigEndian(frame.HeadBytes[(at + ArpMessage.OperationOffset)..]) != ArpMessage.ReverseRequest)
            return DropReason.PacketMalformed;
        var sender = MacAddress.Read(frame.HeadBytes[(at + ArpMessage.SenderMacOffset)..]);
        return mac is not { } own || sender == own ? DropReason.None : Refuse(by, sender);
    }

    /// <summary>An output completes a checksum where this carrier of messages has it, or somewhere behind its header.</summary>
    /// <param name="transport">Where the carrier begins.</param>
    /// <param name="header">Bytes of it that were read.</param>
    private static bool KeepsWhatWasRead(in Frame frame, int transport, int header, int checksum) => !frame.Offload.NeedsChecksum
        || frame.Offload.ChecksumStart >= transport + header
        || (frame.Offload.ChecksumStart == transport && frame.Offload.ChecksumOffset == checksum);

    private static DropReason Refuse(Membership by, MacAddress station)
    {
        by.Offences.Note(GuardedThing.Station, station);
        return DropReason.GuardMac;
    }

    private static DropReason Refuse(Membership by, Ipv4Address address)
    {
        by.Offences.Note(address);
        return DropReason.GuardIp;
    }

    private static DropReason Refuse(Membership by, Ipv6Address address)
    {
        by.Offences.Note(address);
        return DropReason.GuardIp;
    }

    private static DropReason RefuseServer(Membership by, GuardedThing what)
    {
        by.Offences.Note(what, default);
        return DropReason.GuardServer;
    }

    private DropReason RefuseOther(Membership by, GuardedThing what)
    {
        if (!checksAddresses)
            return DropReason.None;
        by.Offences.Note(what, default);
        return DropReason.GuardIp;
    }
}
