using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>Where a nat network meets the outside, as it is played.</summary>
/// <param name="Network">The network.</param>
/// <param name="Interface">The host's interface.</param>
/// <param name="Station">The number of the station behind it.</param>
/// <param name="SeenAs">The address that guests have outside.</param>
/// <param name="Router">The station's address, in the subnet of <paramref name="SeenAs"/>.</param>
/// <param name="Far">The address at which guests reach the station: one more hop away where there is a way there, else
/// <paramref name="Router"/>.</param>
/// <param name="SharesHost">It is the host's own address.</param>
internal sealed record LabOutside(
    NetworkModel Network, string Interface, int Station, InterfaceAddress SeenAs, Ipv4Address Router, Ipv4Address Far, bool SharesHost)
{
    /// <summary>A forward is for the address that is played.</summary>
    public bool Answers(ForwardModel forward) => forward.On is null || forward.On == SeenAs.Address;
}
