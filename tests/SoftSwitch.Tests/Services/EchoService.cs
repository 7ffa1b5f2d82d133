using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Services;

namespace SoftSwitch.Tests.Services;

/// <summary>Sends back what it gets (RFC 862), twice over where it begins with a D: more than it got.</summary>
internal sealed class EchoService : Service
{
    public const ushort Port = 7;

    public override DropReason Take(in Request request)
    {
        var times = request.Payload is [(byte)'D', ..] ? 2 : 1;
        if (!request.TryAnswer(request.Payload.Length * times, out var answer))
            return DropReason.None;
        for (var i = 0; i < times; i++)
            request.Payload.CopyTo(answer.Payload[(request.Payload.Length * i)..]);
        answer.Send();
        return DropReason.None;
    }
}
