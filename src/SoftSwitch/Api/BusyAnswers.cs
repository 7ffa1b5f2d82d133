using System.Net.Sockets;
using System.Text;
using SoftSwitch.Api.Views;
using SoftSwitch.Bounds;

namespace SoftSwitch.Api;

/// <summary>Tells clients that there is no place for them (<see cref="UserPlaces"/>).</summary>
internal sealed class BusyAnswers
{
    private int _now;

    /// <summary>Answers what was asked, and closes the connection.</summary>
    public async Task Tell(Socket socket)
    {
        using var closing = socket;
        try
        {
            if (Interlocked.Increment(ref _now) > ProgramLimits.Refusals.Most)
                return;
            // What he asked is taken first, as a client doesn't expect an answer before.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await socket.ReceiveAsync(new byte[16 * 1024], patience.Token);
            await socket.SendAsync(Busy(), patience.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // He has gone, or doesn't ask anything.
        }
        finally
        {
            Interlocked.Decrement(ref _now);
        }
    }

    private static byte[] Busy()
    {
        const int status = StatusCodes.Status503ServiceUnavailable;
        var body = ProblemView.Members.Json(new("about:blank", "Service Unavailable", status,
            $"the switch is busy: {ProgramLimits.Clients.Most} users have connections to it; ask again, or as root"));
        var head = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
            + $"Content-Length: {body.Length}\r\nRetry-After: 3\r\nConnection: close\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }
}
