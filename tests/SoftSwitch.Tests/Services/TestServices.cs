using SoftSwitch.Forwarding.Services;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Services;

/// <summary>The services that a <see cref="StationRig"/> has.</summary>
internal static class TestServices
{
    public static ServiceTable New(NoteService notes) => new(
        new ServiceRow(IpProtocol.Udp, NoteService.Port, notes, atOnce: 10, perSecond: 5),
        new ServiceRow(IpProtocol.Udp, EchoService.Port, new EchoService(), atOnce: 1_000, perSecond: 1_000));
}
