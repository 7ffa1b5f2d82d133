using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using SoftSwitch.Api.Lists;

namespace SoftSwitch.Api;

/// <summary>Reads the body of a request: bounded in size and time, text in UTF-8, of a type that the route takes.</summary>
internal static class RequestText
{
    /// <summary>How long a body may take to come.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <param name="context">The request.</param>
    /// <param name="most">Bytes.</param>
    /// <param name="types">The media types that it may say to be, the one to advise first.</param>
    /// <exception cref="ProblemException">It isn't that.</exception>
    public static async Task<string> Read(HttpContext context, int most, params IReadOnlyList<string> types)
    {
        var type = context.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        if (type is null || !types.Contains(type))
            throw Closing(context, StatusCodes.Status415UnsupportedMediaType,
                $"a body of type {types[0]} is needed: send Content-Type: {types[0]}");
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = most;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(Longest);
        var bytes = new ArrayBufferWriter<byte>();
        try
        {
            for (int read; (read = await context.Request.Body.ReadAsync(bytes.GetMemory(4096), patience.Token)) > 0;)
            {
                bytes.Advance(read);
                if (bytes.WrittenCount > most)
                    throw Closing(context, StatusCodes.Status413PayloadTooLarge, $"a body may have {most} bytes here");
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            throw Closing(context, StatusCodes.Status408RequestTimeout, $"the body has not come within {Longest.TotalSeconds} seconds");
        }
        return Utf8.IsValid(bytes.WrittenSpan) ? Encoding.UTF8.GetString(bytes.WrittenSpan)
            : throw new ProblemException(StatusCodes.Status400BadRequest, "the body is not UTF-8 text");
    }

    /// <summary>What the client is still sending would have to be read to get at its next request.</summary>
    public static ProblemException Closing(HttpContext context, int status, string detail)
    {
        context.Response.Headers.Connection = "close";
        return new(status, detail);
    }
}
