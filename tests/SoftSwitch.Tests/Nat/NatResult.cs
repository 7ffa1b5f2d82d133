using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

/// <summary>What became of a packet.</summary>
internal sealed record NatResult(NaptVerdict Verdict, DropReason Drop, int Policy, byte[] Frame, VirtioNetHeader Offload)
{
    /// <summary>The packet that came out, its checksums verified, a partial one completed before.</summary>
    public NatPacket Packet => NatPacket.Read(NatPacket.Complete([.. Frame], Offload));
}
