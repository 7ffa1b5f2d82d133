using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Forwarding.Services.Dns;

/// <summary>A question's place in a port's line of those that others are to be asked.</summary>
/// <param name="Question">What.</param>
/// <param name="Port">Whose line it is.</param>
/// <param name="Since">When the port's guests asked first.</param>
internal readonly record struct DnsPlace(DnsWaiters Question, Port Port, Instant Since);
