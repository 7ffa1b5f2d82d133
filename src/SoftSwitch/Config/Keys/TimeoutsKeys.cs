using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>
/// The keys of how long idle flows are kept. The least each may be: RFC 4787, REQ-5; RFC 5382, REQ-5 for both of TCP; RFC 5508, REQ-2.
/// </summary>
internal sealed class TimeoutsKeys : Table<TimeoutsModel>
{
    public static readonly IReadOnlyList<Row> All =
    [
        Key("udp", TimeScalars.Duration("120s", "7d"),
            times => times.Udp, (times, time) => times with { Udp = time }, "of UDP"),
        Key("tcp", TimeScalars.Duration("7440s", "7d"),
            times => times.Tcp, (times, time) => times with { Tcp = time }, "of established TCP"),
        Key("tcp-transitory", TimeScalars.Duration("240s", "7d"),
            times => times.TcpTransitory, (times, time) => times with { TcpTransitory = time }, "of TCP that is half open or half closed"),
        Key("icmp", TimeScalars.Duration("60s", "7d"),
            times => times.Icmp, (times, time) => times with { Icmp = time }, "of ICMP queries"),
    ];
}
