# An image of Quoth's bot for processors: without torch, with the model compiled. docs/operate.md explains it.
ARG BASE=docker.io/library/python:3.13-slim

FROM $BASE AS build
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir "uv>=0.13,<0.14"
WORKDIR /src
COPY . .
# Versions and hashes are those of requirements.lock; what extras bring is not in it.
ARG EXTRAS=ocr
RUN python3 -m venv --without-pip /opt/quoth \
    && /opt/uv/bin/uv pip install --python /opt/quoth --no-cache --link-mode copy --compile-bytecode \
        --constraints requirements.lock --excludes deploy/without-torch.txt ".[$EXTRAS]"
# The first question compiles the model. Its files are private to who asked, and the code that OpenVINO keeps is for the
# processor of the build.
RUN QUOTH_CACHE=/opt/quoth/model /opt/quoth/bin/quoth ask --documents seeds --data /tmp/data \
        "How many British police officers will work in Coquelles?" \
    && rm -rf /opt/quoth/model/kernels* && chmod -R a+rX /opt/quoth/model

FROM $BASE
RUN useradd --uid 10001 --no-create-home quoth && install --directory --owner quoth --group quoth --mode 700 /data
COPY --from=build /opt/quoth /opt/quoth
ENV PATH=/opt/quoth/bin:$PATH \
    QUOTH_CACHE=/opt/quoth/model \
    QUOTH_DATA=/data \
    QUOTH_DOCUMENTS=/documents \
    QUOTH_METRICS_PORT=9464
USER 10001:10001
VOLUME /data
# At its first start, the bot is not ready until it has read all documents.
HEALTHCHECK --interval=1m --timeout=20s --start-period=10m CMD ["quoth", "doctor", "--running", "--json"]
ENTRYPOINT ["quoth"]
CMD ["bot"]
