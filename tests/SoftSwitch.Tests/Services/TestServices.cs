using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Services;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Services;

/// <summary>The services that a <see cref="StationRig"/> has.</summary>
internal static class TestServices
{
    public static ServiceTable New(NoteService notes) => new(
        new ServiceRow(IpProtocol.Udp, NoteService.Port, notes, Requests(10, 5)),
        new ServiceRow(IpProtocol.Udp, EchoService.Port, new EchoService(), Requests(1_000, 1_000)));

    public static Limit Requests(int atOnce, int perSecond) =>
        new("requests", Holder.Port, atOnce, AtLimit.IsRefused, DropReason.ServiceFlood) { More = perSecond };
}
