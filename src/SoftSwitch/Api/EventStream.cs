using SoftSwitch.Api.Events;
using SoftSwitch.Api.Lists;
using SoftSwitch.Bounds;

namespace SoftSwitch.Api;

/// <summary>
/// GET /v1/events: what happens, as server-sent events (HTML, section 9.2), until the reader goes. Each has the topic for its type, and an
/// id: who sends the last one as Last-Event-ID gets what he has missed since, or is told that something is lost. A line that says nothing
/// comes every 15 seconds. One that doesn't read is cut off (<see cref="PatientWriter"/>).
/// </summary>
internal sealed class EventStream(EventBook book)
{
    public const string LastId = "Last-Event-ID";

    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(15);

    private readonly UserPlaces _places = new(ProgramLimits.EventReaders.Most, ProgramLimits.EventReadersOfUser.Most);

    public async Task Serve(HttpContext context)
    {
        var chosen = EventChoice.Of(context.Request.Query);
        var user = context.Features.Get<UserPlace>()?.User ?? ControlListener.NobodyKnown;
        using var place = _places.Take(user, context.Abort, Environment.TickCount64)
            ?? throw new ProblemException(StatusCodes.Status503ServiceUnavailable,
                $"{ProgramLimits.EventReaders.Most} follow the events already: end one of them");
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, book.End);
        using var following = book.Follow();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        try
        {
            await Write(context, chosen, ends.Token);
        }
        catch (OperationCanceledException) when (book.End.IsCancellationRequested)
        {
            // The switch ends, and the answer with it.
        }
    }

    private async Task Write(HttpContext context, EventChoice chosen, CancellationToken gone)
    {
        var body = context.Response.Body;
        var last = context.Request.Headers[LastId].ToString();
        var next = last.Length == 0 ? book.Next : book.After(last) ?? long.MinValue;
        if (next == long.MinValue)
        {
            next = book.Next;
            await body.WriteAsync(EventText.OfLost(null), gone);
        }
        // Who follows sees at once that he does.
        await body.WriteAsync(EventText.Nothing, gone);
        await body.FlushAsync(gone);
        while (!gone.IsCancellationRequested)
        {
            await book.Wait(next, s_quiet, gone);
            gone.ThrowIfCancellationRequested();
            var (lines, lost) = book.From(next);
            if (lost > 0)
                await body.WriteAsync(EventText.OfLost(lost), gone);
            foreach (var line in lines.Where(chosen.Has))
                await body.WriteAsync(EventText.Of(line, book.IdOf(line)), gone);
            if (lines.Count == 0)
                await body.WriteAsync(EventText.Nothing, gone);
            await body.FlushAsync(gone);
            next += lost + lines.Count;
        }
    }
}
